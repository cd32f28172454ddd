#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run_on_qemu.sh QEMU ELF EXPECTED CODE: runs a program on QEMU's virt machine and compares its
# output and exit code. "mepc=0x*" in EXPECTED stands for an address that changes with the compiler.
output=$(mktemp)
trap 'rm -f "$output"' EXIT
timeout 60 "$1" -M virt -bios none -nographic -kernel "$2" < /dev/null > "$output"
code=$?
if grep -qF 'mepc=0x*' "$3"; then sed -i 's/mepc=0x8[0-9a-f]*/mepc=0x*/' "$output"; fi
diff -u "$3" "$output" || exit 1
if [ "$code" -ne "$4" ]; then
  echo "exit code $code, expected $4"
  exit 1
fi
