# SPDX-License-Identifier: Apache-2.0
# How targets are made here: one call for an IP, one for a test, one for a register description.

# Options that every C++ target of the project carries.
add_library(aimc_options INTERFACE)
add_library(aimc::options ALIAS aimc_options)
target_compile_features(aimc_options INTERFACE cxx_std_20)
target_compile_options(
  aimc_options
  INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wconversion
            # Fused multiply-add would make results depend on the machine.
            -ffp-contract=off $<$<BOOL:${AIMC_WERROR}>:-Werror>)

# SystemC. Debian builds the library as C++17; code compiled as C++20 must say so to link.
find_package(PkgConfig REQUIRED)
pkg_check_modules(SYSTEMC REQUIRED IMPORTED_TARGET systemc)
add_library(aimc_systemc INTERFACE)
add_library(aimc::systemc ALIAS aimc_systemc)
target_compile_definitions(aimc_systemc INTERFACE SC_CPLUSPLUS=201703L
                                                  SC_INCLUDE_DYNAMIC_PROCESSES)
target_include_directories(aimc_systemc SYSTEM INTERFACE ${SYSTEMC_INCLUDE_DIRS})
target_link_libraries(aimc_systemc INTERFACE PkgConfig::SYSTEMC)

# aimc_add_library(NAME x SOURCES ... LINK ...): static library aimc_x, alias aimc::x, headers in
# include/.
function(aimc_add_library)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  add_library(aimc_${ARG_NAME} STATIC ${ARG_SOURCES})
  add_library(aimc::${ARG_NAME} ALIAS aimc_${ARG_NAME})
  target_include_directories(aimc_${ARG_NAME} PUBLIC include)
  target_link_libraries(
    aimc_${ARG_NAME}
    PUBLIC ${ARG_LINK}
    PRIVATE aimc::options ${ARG_PRIVATE_LINK})
endfunction()

# aimc_add_test(NAME x SOURCES ... LINK ... LABELS unit): a GoogleTest program, one ctest test for
# each case, because SystemC can elaborate only once in a process.
function(aimc_add_test)
  cmake_parse_arguments(ARG "" "NAME;TIMEOUT" "SOURCES;LINK;LABELS;DEFINES" ${ARGN})
  if(NOT BUILD_TESTING)
    return()
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  target_link_libraries(${ARG_NAME} PRIVATE aimc::options ${ARG_LINK} GTest::gmock)
  if(NOT ARG_LINK MATCHES "aimc::testing")
    target_link_libraries(${ARG_NAME} PRIVATE aimc::test_main)
  endif()
  target_compile_definitions(${ARG_NAME} PRIVATE AIMC_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                                 AIMC_BINARY_DIR="${PROJECT_BINARY_DIR}"
                                                 ${ARG_DEFINES})
  set_target_properties(${ARG_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                                               ${PROJECT_BINARY_DIR}/tests)
  file(RELATIVE_PATH prefix ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  gtest_discover_tests(
    ${ARG_NAME}
    TEST_PREFIX ${prefix}/
    DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
endfunction()

# aimc_add_bench(NAME x SOURCES ... LINK ...): a program for scripts/bench.sh.
function(aimc_add_bench)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;LINK" ${ARGN})
  if(NOT AIMC_BENCH)
    return()
  endif()
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  target_link_libraries(${ARG_NAME} PRIVATE aimc::options ${ARG_LINK})
  set_target_properties(${ARG_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                                               ${PROJECT_BINARY_DIR}/bench)
endfunction()

# aimc_add_registers(NAME FILE HEADER_DIR): generated files are checked in; the target 'regenerate'
# rewrites them and a test says when they are stale.
add_custom_target(regenerate)
function(aimc_add_registers name)
  cmake_parse_arguments(ARG "" "DIRECTORY" "" ${ARGN})
  if(NOT ARG_DIRECTORY)
    set(ARG_DIRECTORY ${name})
  endif()
  set(source ${CMAKE_CURRENT_SOURCE_DIR}/${name}.regs.yaml)
  set(include ${CMAKE_CURRENT_SOURCE_DIR}/include/aimc/${ARG_DIRECTORY})
  set(arguments ${source} --header ${include}/${name}_regs.h --map ${include}/${name}_map.h --doc
                ${CMAKE_CURRENT_SOURCE_DIR}/doc/${name}_registers.md)
  add_custom_target(regenerate_${name} COMMAND aimc-regtool ${arguments})
  add_dependencies(regenerate regenerate_${name})
  if(BUILD_TESTING)
    add_test(NAME ${name}/RegisterFilesAreFresh COMMAND aimc-regtool ${arguments} --check)
    set_tests_properties(${name}/RegisterFilesAreFresh PROPERTIES LABELS unit)
  endif()
endfunction()

# aimc_add_ip(NAME dma SOURCES ... TESTS ... LINK ...): library aimc::ip_dma, its register files,
# its tests.
function(aimc_add_ip)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;TESTS;LINK;TEST_LINK" ${ARGN})
  aimc_add_library(NAME ip_${ARG_NAME} SOURCES ${ARG_SOURCES} LINK aimc::common ${ARG_LINK})
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_NAME}.regs.yaml)
    aimc_add_registers(${ARG_NAME})
  endif()
  if(ARG_TESTS)
    aimc_add_test(
      NAME ${ARG_NAME}_test
      SOURCES ${ARG_TESTS}
      LINK aimc::ip_${ARG_NAME} aimc::testing ${ARG_TEST_LINK}
      LABELS unit)
  endif()
endfunction()

# aimc_add_python_test(FILE [LABELS ...] [FIXTURES ...] [TIMEOUT s]): each test method of a unittest
# file is one ctest test.
function(aimc_add_python_test file)
  cmake_parse_arguments(ARG "" "TIMEOUT;SETUP" "LABELS;FIXTURES" ${ARGN})
  if(NOT BUILD_TESTING)
    return()
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS integration)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 600)
  endif()
  get_filename_component(module ${file} NAME_WE)
  file(STRINGS ${file} lines REGEX "^(class |    def test_)")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(RELATIVE_PATH prefix ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  foreach(line IN LISTS lines)
    if(line MATCHES "^class ([A-Za-z0-9_]+)")
      set(class ${CMAKE_MATCH_1})
    elseif(line MATCHES "def (test_[A-Za-z0-9_]+)")
      set(case ${CMAKE_MATCH_1})
      set(name ${prefix}/${class}.${case})
      add_test(NAME ${name} COMMAND /usr/bin/python3 -m unittest -v ${module}.${class}.${case}
               WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
      set_tests_properties(
        ${name}
        PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT} SKIP_REGULAR_EXPRESSION
                   "OK \\(skipped=" ENVIRONMENT
                   "AIMC_BUILD_DIR=${PROJECT_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
      if(ARG_SETUP)
        set_tests_properties(${name} PROPERTIES FIXTURES_SETUP ${ARG_SETUP})
      endif()
      if(ARG_FIXTURES)
        set_tests_properties(${name} PROPERTIES FIXTURES_REQUIRED "${ARG_FIXTURES}")
      endif()
    endif()
  endforeach()
endfunction()
