#!/bin/bash
/etc/eks/bootstrap.sh demo --kubelet-extra-args '--node-labels=a=b --max-pods 35'
