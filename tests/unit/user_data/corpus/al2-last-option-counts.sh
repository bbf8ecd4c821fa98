#!/bin/bash
/etc/eks/bootstrap.sh demo --kubelet-extra-args '--max-pods=20' --kubelet-extra-args '--v=2'
