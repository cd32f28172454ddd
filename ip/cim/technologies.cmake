# SPDX-License-Identifier: Apache-2.0
# Memory technologies beside the ideal one and phase-change memory.
target_sources(
  aimc_cim_model
  PRIVATE src/digital/digital_array.cpp
          src/dram/dram_array.cpp
          src/dram/subarray.cpp
          src/fefet/fefet_array.cpp
          src/fefet/fefet_device.cpp
          src/fit_range.cpp
          src/mram/mram_array.cpp
          src/nor/nor_array.cpp
          src/nor/sonos_device.cpp
          src/nor/wtm_array.cpp
          src/planes/plane_array.cpp
          src/planes/plane_product.cpp
          src/planes/quick_normals.cpp
          src/pulse_law.cpp
          src/reram/reram_array.cpp
          src/reram/reram_device.cpp
          src/rom/rom_array.cpp
          src/rom/rom_image.cpp
          src/sram/sram_array.cpp)
set_source_files_properties(
  src/digital/digital_array.cpp src/planes/plane_product.cpp src/planes/quick_normals.cpp
  PROPERTIES COMPILE_OPTIONS "-march=${AIMC_ARCH};-O3;-fno-math-errno;-fno-trapping-math")

add_executable(aimc-rom tools/rom_tool.cpp)
target_link_libraries(aimc-rom PRIVATE aimc::cim_model CLI11::CLI11 aimc::options)

aimc_add_test(
  NAME cim_technology_test
  SOURCES test/exactness_test.cpp test/flash_device_test.cpp test/memory_test.cpp test/plane_test.cpp
          test/nor_test.cpp test/rom_test.cpp test/sram_test.cpp test/technology_test.cpp
  LINK aimc::cim_model nlohmann_json::nlohmann_json)
aimc_add_test(NAME cim_technology_nightly SOURCES test/exactness_nightly_test.cpp LINK aimc::cim_model
              LABELS nightly TIMEOUT 1200)
aimc_add_bench(NAME cim_technology_speed SOURCES bench/technology_speed.cpp LINK aimc::cim_model)
add_subdirectory(test)
