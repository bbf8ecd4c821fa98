#!/bin/bash
/etc/eks/bootstrap.sh demo $OPTIONS
