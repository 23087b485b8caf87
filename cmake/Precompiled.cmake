# Headers of others are parsed once for all targets. By clang a file then takes a third to a half of
# the time; by g++ 12 it would win nothing: what it writes has 135 MB, which each file reads.
option(METACTL_PRECOMPILE "Precompile the headers of others" OFF)

if(METACTL_PRECOMPILE)
  add_library(metactl_foreign OBJECT ${PROJECT_SOURCE_DIR}/cmake/foreign.cpp)
  target_link_libraries(metactl_foreign PRIVATE metactl_settings ${fmt_target}
    nlohmann_json::nlohmann_json protobuf::libprotobuf)
  target_precompile_headers(metactl_foreign PRIVATE ${PROJECT_SOURCE_DIR}/cmake/foreign.h)
  # So that it is the same for ccache when it is made again.
  target_compile_options(metactl_foreign PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
endif()

function(metactl_precompiled target)
  if(METACTL_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM metactl_foreign)
  endif()
endfunction()
