#!/bin/bash
# /etc/eks/bootstrap.sh demo --kubelet-extra-args '--max-pods=110'
/etc/eks/bootstrap.sh demo
