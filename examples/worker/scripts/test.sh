#!/bin/sh
# Runs the compiled tests of one kind; shows them, and writes them as JUnit XML. Usage: test.sh <kind> <report>
set -e
mkdir -p "$(dirname "$2")"
exec node --test --test-reporter=spec --test-reporter-destination=stdout \
  --test-reporter=junit --test-reporter-destination="$2" build/test/"$1"/*.test.js
