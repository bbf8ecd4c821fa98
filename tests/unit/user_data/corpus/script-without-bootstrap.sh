#!/bin/bash
yum install -y amazon-ssm-agent
systemctl enable --now amazon-ssm-agent
