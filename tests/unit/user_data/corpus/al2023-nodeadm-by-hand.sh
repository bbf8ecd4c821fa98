#!/bin/bash
nodeadm init -c file:///opt/node.yaml
