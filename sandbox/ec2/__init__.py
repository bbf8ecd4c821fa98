"""The EC2 API in front of the address-space model of `ec2_rules`; what the model does not know is moto's answer."""
