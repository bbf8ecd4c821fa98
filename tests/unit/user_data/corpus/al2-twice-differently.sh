#!/bin/bash
if true; then
  /etc/eks/bootstrap.sh demo
else
  /etc/eks/bootstrap.sh demo --use-max-pods false
fi
