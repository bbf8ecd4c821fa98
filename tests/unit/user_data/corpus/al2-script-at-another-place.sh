#!/bin/bash
/opt/bootstrap.sh demo
