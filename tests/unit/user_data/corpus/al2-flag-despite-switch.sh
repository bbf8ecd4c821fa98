#!/bin/bash
/etc/eks/bootstrap.sh demo --use-max-pods true --kubelet-extra-args "--max-pods=20"
