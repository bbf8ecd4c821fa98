#!/bin/bash
if true; then
  /etc/eks/bootstrap.sh demo
else
  /etc/eks/bootstrap.sh other
fi
