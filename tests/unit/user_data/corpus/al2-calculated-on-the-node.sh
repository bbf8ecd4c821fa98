#!/bin/bash
MAX_PODS=$(/etc/eks/max-pods-calculator.sh --instance-type-from-imds --cni-version 1.19.2)
/etc/eks/bootstrap.sh demo --use-max-pods false --kubelet-extra-args "--max-pods=$MAX_PODS"
