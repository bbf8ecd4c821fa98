#!/bin/bash
/etc/eks/bootstrap.sh demo --kubelet-extra-args '--max_pods=17'
