"""Will it survive: nodes launched one by one over EC2's rules of allocation, in many random orders."""
