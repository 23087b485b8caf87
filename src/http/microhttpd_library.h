// SPDX-License-Identifier: Apache-2.0
// The functions of libmicrohttpd that we call.
#pragma once

#include <microhttpd.h>

#include "base/shared_library.h"

namespace metactl::http {

struct MicrohttpdLibrary {
  SharedLibrary library{
      {"libmicrohttpd.so.12", "libmicrohttpd", "to serve HTTP", "libmicrohttpd12"}};
  decltype(&::MHD_start_daemon) start_daemon = library.find("MHD_start_daemon");
  decltype(&::MHD_quiesce_daemon) quiesce_daemon = library.find("MHD_quiesce_daemon");
  decltype(&::MHD_stop_daemon) stop_daemon = library.find("MHD_stop_daemon");
  decltype(&::MHD_lookup_connection_value) lookup_connection_value =
      library.find("MHD_lookup_connection_value");
  decltype(&::MHD_get_connection_values) get_connection_values =
      library.find("MHD_get_connection_values");
  decltype(&::MHD_get_connection_info) get_connection_info =
      library.find("MHD_get_connection_info");
  decltype(&::MHD_create_response_from_buffer) create_response =
      library.find("MHD_create_response_from_buffer");
  decltype(&::MHD_add_response_header) add_response_header =
      library.find("MHD_add_response_header");
  decltype(&::MHD_queue_response) queue_response = library.find("MHD_queue_response");
  decltype(&::MHD_destroy_response) destroy_response = library.find("MHD_destroy_response");
};

/// Loaded by the first call, from any thread. Throws internal when it is absent.
const MicrohttpdLibrary& microhttpd();

}  // namespace metactl::http
