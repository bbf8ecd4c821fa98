#!/bin/bash
/etc/eks/bootstrap.sh "$CLUSTER" --kubelet-extra-args "--max-pods=110 --node-labels=zone=$ZONE"
