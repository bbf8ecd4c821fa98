#!/bin/bash
set -ex
/etc/eks/bootstrap.sh my-cluster
