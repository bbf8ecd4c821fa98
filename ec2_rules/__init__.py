"""Pure models of EC2's subnet address space and of a node's VPC CNI: no AWS calls, no clock, no environment."""
