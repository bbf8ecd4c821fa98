#!/bin/bash
mkdir -p /etc/systemd/system/kubelet.service.d
