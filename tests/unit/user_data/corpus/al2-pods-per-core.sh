#!/bin/bash
/etc/eks/bootstrap.sh demo --kubelet-extra-args '--pods-per-core=4'
