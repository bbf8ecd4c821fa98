#!/bin/bash
/etc/eks/bootstrap.sh demo --dns-cluster-ip `cat ip`
