#!/bin/bash
cp /opt/containerd.toml /etc/eks/containerd/containerd-config.toml
/etc/eks/bootstrap.sh demo --kubelet-extra-args '--max-pods=110'
