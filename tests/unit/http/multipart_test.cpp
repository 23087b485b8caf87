// SPDX-License-Identifier: Apache-2.0
// Forms with files. Source: node-mgr-api.md, sections 7 and 17.
#include <catch2/catch.hpp>
#include <random>

#include "http/multipart.h"
#include "http/nodemgr_http.h"
#include "tests/support/thrown.h"

namespace metactl::tests {
namespace {

namespace multipart = http::multipart;

/// "name|file|content" of each part, or "incomplete".
std::vector<std::string> read(const std::string& body, const std::string& boundary = "B") {
  const auto parts = multipart::read(body, boundary);
  if (!parts) return {"incomplete"};
  std::vector<std::string> told;
  for (const auto& part : *parts)
    told.push_back(part.name + "|" + part.file + "|" + std::string(part.content));
  return told;
}

constexpr auto head = "Content-Disposition: form-data; name=\"a\"\r\n\r\n";

}  // namespace

TEST_CASE("a boundary is quoted or not", "[http][nodemgr]") {
  CHECK(multipart::boundary_of("multipart/form-data; boundary=B") == "B");
  CHECK(multipart::boundary_of("multipart/form-data; charset=x; Boundary=\"B c\"") == "B c");
  CHECK(multipart::boundary_of("multipart/form-data;boundary=B;charset=x") == "B");
  CHECK(multipart::boundary_of("multipart/form-data; x=\"; boundary=C\"; boundary=B") == "B");
  CHECK(multipart::boundary_of("multipart/form-data").empty());
  CHECK(multipart::boundary_of("").empty());
}

TEST_CASE("parts are what stands between boundaries", "[http][nodemgr]") {
  using Parts = std::vector<std::string>;
  const std::string h = head;
  CHECK(read("--B\r\n" + h + "text\r\n--B--\r\n") == Parts{"a||text"});
  CHECK(read("--B\r\n" + h + "text\r\n--B--") == Parts{"a||text"});
  CHECK(read("--B \t\r\n" + h + "\r\n--B--") == Parts{"a||"});
  CHECK(read("preamble\r\n--B\r\n" + h + "1\r\n--B\r\n" + h + "2\r\n--B--epilogue") ==
        Parts{"a||1", "a||2"});
  CHECK(read("--B\r\n" + h + "\r\n--Bx\r\n--B\r\r\n\r\n--B--") ==
        Parts{"a||\r\n--Bx\r\n--B\r\r\n"});
  CHECK(
      read("--B\r\nx: y\r\ncontent-disposition:form-data;name=n;filename=\"q\\\"\\\\\\x;\"\r\n\r\n"
           "\r\n--B--") == Parts{"n|q\"\\\\x;|"});
  CHECK(read("--B\r\n\r\ntext\r\n--B--") == Parts{"||text"});
  CHECK(read("--B--\r\n").empty());
}

TEST_CASE("a body without its last boundary is not complete", "[http][nodemgr]") {
  const auto whole = std::string("--B\r\n") + head + "text\r\n--B--";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK(read(whole.substr(0, size)) == std::vector<std::string>{"incomplete"});
  }
  CHECK(read("--B\r\nno empty line\r\n--B--") == std::vector<std::string>{"incomplete"});
}

TEST_CASE("random forms are read without harm", "[http][nodemgr]") {
  const std::vector<std::string> pieces = {
      "--B",
      "--B--",
      "\r\n",
      "\r",
      "\n",
      "-",
      "--",
      " ",
      "\t",
      ":",
      ";",
      "\"",
      "\\",
      "name=",
      "filename=",
      "Content-Disposition",
      "x",
      std::string(1, '\0'),
      "\xff",
      "boundary=",
      "Content-Disposition: form-data; name=\"filename\"; filename=\"f\"",
      "{\"file_type\":\"mysql\"}"};
  std::mt19937 random(7);
  int read_well = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string body = i % 2 == 0 ? "--B\r\n" : "";
    for (auto count = random() % 20; count > 0; --count) body += pieces[random() % pieces.size()];
    if (i % 3 == 0) body += "\r\n--B--";
    const auto parts = multipart::read(body, "B");
    if (!parts) continue;
    ++read_well;
    for (const auto& part : *parts) {
      const bool is_inside = part.content.data() >= body.data() &&
                             part.content.data() + part.content.size() <= body.data() + body.size();
      CHECK(is_inside);
      CHECK(part.content.find("\r\n--B\r\n") == std::string_view::npos);
    }
  }
  CHECK(read_well > 100);
}

TEST_CASE("any file comes back from its form", "[http][nodemgr]") {
  std::mt19937 random(8);
  for (int i = 0; i < 200; ++i) {
    pb::NodemgrFileRequest file;
    file.set_name("n\\ \xc3\xa4;=" + std::to_string(i));
    if (i % 2 == 0) file.set_file_type("pgsql");
    std::string content;
    for (auto count = random() % 300; count > 0; --count) content += "\r\n-ab\0c"[random() % 8];
    file.set_content(content);
    const auto request = http::nodemgr::encode_request(api::nodemgr_send_file.info, file);
    const auto read = http::nodemgr::decode_request(api::any(api::nodemgr_send_file), request);
    CHECK(read->SerializeAsString() == file.SerializeAsString());
    // A real server counts: the file ends so many bytes before the body does.
    const auto boundary = multipart::boundary_of(request.header("Content-Type"));
    const auto end = request.body.size() - (boundary.size() + 8);
    CHECK(request.body.substr(end - content.size(), content.size()) == content);
  }
}

TEST_CASE("N17: what is no file is malformed", "[http][nodemgr]") {
  const auto why = [](const std::string& body, const std::string& type) {
    const http::Request request{.method = "POST",
                                .path = "/",
                                .query = "",
                                .body = body,
                                .headers = {{"Content-Type", type}}};
    const auto error = thrown_by(
        [&] { http::nodemgr::decode_request(api::any(api::nodemgr_send_file), request); });
    CHECK(error.answer().value().http == 400);
    return std::string(error.what());
  };
  const auto form = [](const std::string& parameters) {
    return "--B\r\nContent-Disposition: form-data; name=\"parameters\"\r\n\r\n" + parameters +
           "\r\n--B\r\nContent-Disposition: form-data; name=\"filename\"; filename=\"f\"\r\n\r\nx"
           "\r\n--B--\r\n";
  };
  const std::string type = "multipart/form-data; boundary=B";
  CHECK(why(form("{}"), "multipart/form-data") == "the content type has no boundary");
  CHECK(why(form("{}"), "text/plain") == "a file comes as multipart/form-data");
  CHECK(why(form("{}").substr(0, 90), type) == "the body is not complete");
  CHECK(why("--B\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nx\r\n--B--", type) ==
        "there is no part 'filename'");
  CHECK(why(form("[]"), type) == "the part 'parameters': the document is not an object");
  CHECK(why(form(""), type) == "the part 'parameters': the document is not JSON");
  CHECK(why(form("{\"file_type\":1}"), type) ==
        "the part 'parameters': 'file_type' is not a string");
}

}  // namespace metactl::tests
