// SPDX-License-Identifier: Apache-2.0
#include "base/shared_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include "base/error.h"

namespace metactl {

namespace {

Error not_loaded(const SharedLibrary::Wanted& wanted) {
  const char* why = dlerror();
  return Error(Reason::internal,
               fmt::format("{} is needed {}, but cannot be loaded: {}", wanted.name, wanted.purpose,
                           why != nullptr ? why : "unknown reason"),
               fmt::format("apt-get install {}", wanted.package));
}

}  // namespace

SharedLibrary::SharedLibrary(const Wanted& wanted)
    : wanted_(wanted), handle_(dlopen(wanted.file, RTLD_LAZY | RTLD_LOCAL)) {
  if (handle_ == nullptr) throw not_loaded(wanted_);
}

SharedLibrary::Symbol SharedLibrary::find(const char* symbol) const {
  void* address = dlsym(handle_, symbol);
  if (address == nullptr) throw not_loaded(wanted_);
  return Symbol(address);
}

}  // namespace metactl
