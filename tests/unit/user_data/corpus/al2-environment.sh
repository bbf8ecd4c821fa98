#!/bin/bash
export USE_MAX_PODS=false
/etc/eks/bootstrap.sh demo
