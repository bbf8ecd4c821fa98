#!/bin/bash
/etc/eks/bootstrap.sh demo
/etc/eks/bootstrap.sh demo
/etc/eks/bootstrap.sh demo
/etc/eks/bootstrap.sh demo
/etc/eks/bootstrap.sh demo
/etc/eks/bootstrap.sh demo
