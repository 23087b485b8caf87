# Writes the file INPUT as a C++ array into OUTPUT; see src/manifest/descriptor_set.h.
file(READ ${INPUT} digits HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${digits}")
string(REGEX REPLACE "(................................................................................)"
  "\\1\n" bytes "${bytes}")
file(WRITE ${OUTPUT} "// Made by cmake/EmbedDescriptors.cmake.
#include \"manifest/descriptor_set.h\"

namespace metactl::manifest {
namespace {
constexpr unsigned char bytes[] = {
${bytes}};
}  // namespace

std::span<const unsigned char> descriptor_set() {
  return bytes;
}

}  // namespace metactl::manifest
")
