#!/bin/bash
/etc/eks/bootstrap.sh demo --use-max-pods $USE
