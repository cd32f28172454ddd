# SPDX-License-Identifier: Apache-2.0
# Firmware is built with the RISC-V cross compiler beside the host programs, by custom commands with
# dependency files: one build tree for both.

find_program(AIMC_CROSS_CC riscv64-unknown-elf-gcc)
find_program(AIMC_CROSS_AR riscv64-unknown-elf-ar)
set(AIMC_PICOLIBC_SPECS /usr/lib/picolibc/riscv64-unknown-elf/picolibc.specs
    CACHE FILEPATH "picolibc's GCC specs file")
if(NOT AIMC_CROSS_CC
   OR NOT AIMC_CROSS_AR
   OR NOT EXISTS ${AIMC_PICOLIBC_SPECS})
  message(
    FATAL_ERROR
      "The firmware needs the RISC-V cross compiler and picolibc:\n"
      "  apt-get install gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf\n"
      "or configure with -DAIMC_FIRMWARE=OFF to build the host programs only.")
endif()

set(AIMC_FIRMWARE_DIR ${PROJECT_BINARY_DIR}/firmware)
file(MAKE_DIRECTORY ${AIMC_FIRMWARE_DIR})
set(AIMC_FIRMWARE_LINK_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/../boot/link.ld)

# The multilib of the C library is found under the name without Zicsr and Zifencei, so the linker
# is told less than the compiler.
set(AIMC_FIRMWARE_ABI -mabi=ilp32f -mcmodel=medany --specs=${AIMC_PICOLIBC_SPECS})
set(AIMC_FIRMWARE_CFLAGS
    -march=rv32imafc_zicsr_zifencei
    ${AIMC_FIRMWARE_ABI}
    -std=gnu11
    -O2
    -g
    -Wall
    -Wextra
    -Wshadow
    -Wstrict-prototypes
    -Werror
    -ffunction-sections
    -fdata-sections
    # No stray 64-bit float arithmetic from contraction differences between builds.
    -ffp-contract=off
    -fno-common
    -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
set(AIMC_FIRMWARE_LDFLAGS -march=rv32imafc ${AIMC_FIRMWARE_ABI} -nostartfiles -static
                          -Wl,--gc-sections -Wl,--no-warn-rwx-segments -Wl,--fatal-warnings)

set(AIMC_FIRMWARE_INCLUDES
    ${PROJECT_SOURCE_DIR}/firmware
    ${PROJECT_SOURCE_DIR}/firmware/boot/include
    ${PROJECT_SOURCE_DIR}/firmware/hal/include
    ${PROJECT_SOURCE_DIR}/firmware/runtime/include
    ${PROJECT_SOURCE_DIR}/sw/network/include)
foreach(ip common activation cim clint dma finisher noc plic results sensor uart)
  list(APPEND AIMC_FIRMWARE_INCLUDES ${PROJECT_SOURCE_DIR}/ip/${ip}/include)
endforeach()
list(TRANSFORM AIMC_FIRMWARE_INCLUDES PREPEND -I OUTPUT_VARIABLE AIMC_FIRMWARE_INCLUDE_FLAGS)

# Compiles one source; `object` receives the path of the result.
function(aimc_firmware_object object source)
  cmake_path(ABSOLUTE_PATH source OUTPUT_VARIABLE path)
  file(RELATIVE_PATH name ${PROJECT_SOURCE_DIR}/firmware ${path})
  set(output ${AIMC_FIRMWARE_DIR}/objects/${name}.o)
  cmake_path(GET output PARENT_PATH directory)
  file(MAKE_DIRECTORY ${directory})
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${AIMC_CROSS_CC} ${AIMC_FIRMWARE_CFLAGS} ${AIMC_FIRMWARE_INCLUDE_FLAGS} -MMD -MF
            ${output}.d -MT ${output} -c ${path} -o ${output}
    DEPENDS ${path}
    DEPFILE ${output}.d
    COMMENT "Cross-compiling firmware/${name}"
    VERBATIM)
  set(${object} ${output} PARENT_SCOPE)
endfunction()

# aimc_add_firmware_library(SOURCES ...): what every program links: the archive libfirmware.a.
function(aimc_add_firmware_library)
  cmake_parse_arguments(ARG "" "" "SOURCES" ${ARGN})
  foreach(source IN LISTS ARG_SOURCES)
    aimc_firmware_object(object ${source})
    list(APPEND objects ${object})
  endforeach()
  set(archive ${AIMC_FIRMWARE_DIR}/libfirmware.a)
  add_custom_command(
    OUTPUT ${archive}
    COMMAND ${CMAKE_COMMAND} -E rm -f ${archive}
    COMMAND ${AIMC_CROSS_AR} rcs ${archive} ${objects}
    DEPENDS ${objects}
    COMMENT "Archiving firmware/libfirmware.a"
    VERBATIM)
  add_custom_target(firmware_library ALL DEPENDS ${archive})
endfunction()

add_custom_target(firmware_images) # all of the programs

# aimc_add_firmware(NAME x SOURCES ...): builds firmware/x.elf and firmware/x.map in the build tree;
# target firmware_x.
function(aimc_add_firmware)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES" ${ARGN})
  set(archive ${AIMC_FIRMWARE_DIR}/libfirmware.a)
  foreach(source IN LISTS ARG_SOURCES)
    aimc_firmware_object(object ${source})
    list(APPEND objects ${object})
  endforeach()
  set(elf ${AIMC_FIRMWARE_DIR}/${ARG_NAME}.elf)
  set(map ${AIMC_FIRMWARE_DIR}/${ARG_NAME}.map)
  add_custom_command(
    OUTPUT ${elf}
    BYPRODUCTS ${map}
    COMMAND ${AIMC_CROSS_CC} ${AIMC_FIRMWARE_LDFLAGS} -T${AIMC_FIRMWARE_LINK_SCRIPT}
            -Wl,-Map=${map} ${objects} -Wl,--whole-archive ${archive} -Wl,--no-whole-archive -o ${elf}
    DEPENDS ${objects} ${archive} firmware_library ${AIMC_FIRMWARE_LINK_SCRIPT}
    COMMENT "Linking firmware/${ARG_NAME}.elf"
    VERBATIM)
  add_custom_target(firmware_${ARG_NAME} ALL DEPENDS ${elf})
  add_dependencies(firmware_images firmware_${ARG_NAME})
endfunction()
