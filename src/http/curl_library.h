// SPDX-License-Identifier: Apache-2.0
// The functions of libcurl that we call.
#pragma once

#include <curl/curl.h>

#include "base/shared_library.h"

namespace metactl::http {

struct CurlLibrary {
  SharedLibrary library{{"libcurl.so.4", "libcurl", "to talk to a server", "libcurl4"}};
  decltype(&::curl_global_init) global_init = library.find("curl_global_init");
  decltype(&::curl_easy_init) easy_init = library.find("curl_easy_init");
  decltype(&::curl_easy_cleanup) easy_cleanup = library.find("curl_easy_cleanup");
  decltype(&::curl_easy_setopt) easy_setopt = library.find("curl_easy_setopt");
  decltype(&::curl_easy_getinfo) easy_getinfo = library.find("curl_easy_getinfo");
  decltype(&::curl_easy_perform) easy_perform = library.find("curl_easy_perform");
  decltype(&::curl_easy_header) easy_header = library.find("curl_easy_header");
  decltype(&::curl_easy_nextheader) easy_nextheader = library.find("curl_easy_nextheader");
  decltype(&::curl_easy_strerror) easy_strerror = library.find("curl_easy_strerror");
  decltype(&::curl_slist_append) slist_append = library.find("curl_slist_append");
  decltype(&::curl_slist_free_all) slist_free_all = library.find("curl_slist_free_all");
  decltype(&::curl_url) url = library.find("curl_url");
  decltype(&::curl_url_cleanup) url_cleanup = library.find("curl_url_cleanup");
  decltype(&::curl_url_set) url_set = library.find("curl_url_set");
  decltype(&::curl_url_get) url_get = library.find("curl_url_get");
  decltype(&::curl_free) free = library.find("curl_free");
};

/// Loaded and initialized by the first call, from any thread. Throws internal when it is absent.
const CurlLibrary& curl();

}  // namespace metactl::http
