// SPDX-License-Identifier: Apache-2.0
// Shared libraries that only some commands need. Linked, libcurl would cost every start 3 to 4 ms.
#pragma once

#include <string>
#include <type_traits>

namespace metactl {

/// A library opened at run time. It stays loaded until the process ends, also without this object.
class SharedLibrary {
 public:
  struct Wanted {
    const char* file;     // "libcurl.so.4"
    const char* name;     // "libcurl"
    const char* purpose;  // "to talk to a server"
    const char* package;  // The Debian package that brings it: "libcurl4".
  };

  /// A symbol's address, which becomes whatever function pointer it initializes.
  class Symbol {
   public:
    explicit Symbol(void* address) : address_(address) {}
    template <typename Function>
    requires std::is_function_v<Function>
    operator Function*() const {  // NOLINT(google-explicit-constructor): that is its purpose.
      return reinterpret_cast<Function*>(address_);
    }

   private:
    void* address_;
  };

  /// Throws internal, with the package as hint, when the library is absent. The strings of `wanted`
  /// must outlive the object.
  explicit SharedLibrary(const Wanted& wanted);

  /// Throws internal when the library has no such symbol.
  Symbol find(const char* symbol) const;

 private:
  Wanted wanted_;
  void* handle_;
};

}  // namespace metactl
