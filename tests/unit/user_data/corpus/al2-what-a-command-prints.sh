#!/bin/bash
/etc/eks/bootstrap.sh demo --apiserver-endpoint $(cat url) --kubelet-extra-args '--max-pods=20'
