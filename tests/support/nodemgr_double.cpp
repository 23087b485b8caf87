// SPDX-License-Identifier: Apache-2.0
#include "tests/support/nodemgr_double.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/text.h"

namespace metactl::tests {
namespace {

using Json = nlohmann::json;

constexpr std::size_t one_read = 2048;
constexpr std::size_t remembered = 30;
constexpr std::string_view line_end = "\r\n";
constexpr std::string_view blank_line = "\r\n\r\n";
constexpr auto bad_request = "HTTP/1.0 400 Bad Request\r\n";

std::string reply_with(const std::string& body) {
  return fmt::format("HTTP/1.0 200 OK\r\napplication/javascript\r\nContent-Length: {}\r\n\r\n{}",
                     body.size(), body);
}

std::string received() {
  return reply_with("{\"result\":\"succeed\"}\r\n");
}

/// From the end of `begin` to the end of the line; nothing when there is no `begin`.
std::optional<std::string> line_behind(std::string_view text, std::string_view begin) {
  const auto at = text.find(begin);
  if (at == std::string_view::npos) return std::nullopt;
  const auto start = at + begin.size();
  return std::string(text::trim(text.substr(start, text.find(line_end, start) - start)));
}

/// Names are matched without regard to case; the first of two counts, and so here the first in
/// order of bytes, which is as good.
const Json* member(const Json& job, std::string_view name) {
  for (const auto& [key, value] : job.items())
    if (text::lower(key) == name) return &value;
  return nullptr;
}

/// "" for none. A value that is no text ends a real node_mgr.
std::string text_in(const Json& job, std::string_view name, std::atomic<bool>& has_crashed) {
  const auto* value = member(job, name);
  if (!value) return "";
  if (value->is_string()) return value->get<std::string>();
  has_crashed = true;
  return "";
}

Json sample_nodes(const std::string& type) {
  const auto node = [](int port, const Json& more) {
    Json json = {{"ip", "127.0.0.1"},
                 {"port", port},
                 {"user", "pgx"},
                 {"pwd", "plain-s-pgx"},
                 {"path", fmt::format("/data/{}", port)},
                 {"disk_used", "20K"},
                 {"disk_free", "76G"}};
    json.update(more);
    return json;
  };
  const Json all = {{"meta_node0", node(6001, Json::object())},
                    {"storage_node0", node(6004, {{"cluster", "clust1"}, {"shard", "shard1"}})},
                    {"storage_node1", node(6007, {{"cluster", "clust1"}, {"shard", "shard2"}})},
                    {"computer_node0", node(5401, {{"cluster", "clust1"}})}};
  Json chosen = Json::object();
  for (const auto& [name, value] : all.items())
    if (name.starts_with(type)) chosen[name] = value;
  return chosen;
}

Json sample_info() {
  return {{"cpu_used", "12.34%"}, {"mem_used", "383M"}, {"mem_free", "1601M"},
          {"disk_used", "20K"},   {"disk_free", "76G"}, {"meta_node", 1},
          {"storage_node", 2},    {"computer_node", 1}};
}

/// The first JSON value of a text; what follows is ignored.
Json first_value(const std::string& text) {
  std::istringstream in(text);
  Json json;
  try {
    in >> json;
  } catch (const Json::exception&) {
    return nullptr;
  }
  return json;
}

}  // namespace

NodemgrDouble::NodemgrDouble(Manners manners)
    : manners_(std::move(manners)), thread_([this] {
        while (!is_stopped_) serve_one();
      }) {}

NodemgrDouble::~NodemgrDouble() {
  is_stopped_ = true;
  thread_.join();
}

std::vector<std::string> NodemgrDouble::reads() const {
  const std::lock_guard lock(mutex_);
  return reads_;
}

std::vector<Json> NodemgrDouble::jobs() const {
  const std::lock_guard lock(mutex_);
  return jobs_;
}

/// True when there is something to read, false when the server is to stop.
bool NodemgrDouble::wait_for(int descriptor) const {
  while (!is_stopped_) {
    pollfd waiting{descriptor, POLLIN, 0};
    if (::poll(&waiting, 1, 10) > 0) return true;
  }
  return false;
}

std::string NodemgrDouble::read_once(int peer) const {
  std::string bytes(one_read, '\0');
  if (!wait_for(peer)) return "";
  const auto count = ::recv(peer, bytes.data(), bytes.size(), 0);
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return bytes;
}

void NodemgrDouble::serve_one() {
  if (!wait_for(socket_.descriptor())) return;
  const int peer = ::accept(socket_.descriptor(), nullptr, nullptr);
  if (peer < 0) return;
  const auto read = read_once(peer);
  auto reply = answer(peer, read);
  if (manners_.spoil && !reply.empty()) reply = manners_.spoil(reply);
  while (manners_.is_silent && !is_stopped_)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  static_cast<void>(::send(peer, reply.data(), reply.size(), MSG_NOSIGNAL));
  ::close(peer);
}

/// "": closes without answer.
std::string NodemgrDouble::answer(int peer, const std::string& read) {
  const std::lock_guard lock(mutex_);
  reads_.push_back(read);
  if (!read.starts_with("POS")) return read.starts_with("GET") ? bad_request : "";
  const auto type = line_behind(read, "\r\nContent-Type:");
  if (!type) return bad_request;
  if (type->find("multipart/form-data") != std::string::npos) return take_file(peer, read);
  if (type->find("x-www-form-urlencoded") == std::string::npos) return bad_request;
  const auto header_end = read.find(blank_line);
  if (header_end == std::string::npos) return received();
  const auto body = read.substr(header_end + blank_line.size());
  return run(body.substr(0, body.find(line_end)));
}

std::string NodemgrDouble::run(const std::string& body) {
  const auto job = first_value(body);
  if (!job.is_object()) return received();
  jobs_.push_back(job);
  const auto read = [&](std::string_view name) { return text_in(job, name, has_crashed_); };
  const auto type = read("job_type");
  const auto id = read("job_id");
  for (const auto* name : {"node_type", "file_type", "s_ip", "s_user", "s_pwd", "d_ip", "d_user",
                           "d_pwd", "s_dbname", "s_table_name", "d_dbname", "d_table_name", "cmd"})
    read(name);
  const auto file = read("file");
  if (type == "coldrestore" && file.find('/') == std::string::npos) has_crashed_ = true;
  if (has_crashed_) return "";
  if (type == "get_node") return reply_with(sample_nodes(read("node_type")).dump(1, '\t'));
  if (type == "get_info") return reply_with(sample_info().dump(1, '\t'));
  if (type == "get_status" && member(job, "job_id")) return reply_with(status(id));
  if (type == "coldbackup" || type == "coldrestore") begin(id, type);
  return received();
}

void NodemgrDouble::begin(const std::string& id, const std::string& job_type) {
  const bool is_backup = job_type == "coldbackup";
  Walk walk{id, {}};
  for (int i = 0; i < manners_.polls_before_start; ++i) walk.texts.emplace_back("");
  for (const auto* step :
       {"start", is_backup ? "working" : "copying", is_backup ? "copying" : "working"})
    walk.texts.push_back(job_type + " " + step);
  if (manners_.forgets) walk.texts.resize(walk.texts.size() - 2);
  walk.texts.push_back(manners_.forgets           ? "none"
                       : manners_.failure.empty() ? job_type + " succeed"
                                                  : manners_.failure);
  walks_.push_back(std::move(walk));
}

/// Before every update the oldest entry is dropped when the table is full.
void NodemgrDouble::set_status(const std::string& id, const std::string& text) {
  if (statuses_.size() >= remembered) statuses_.pop_back();
  const auto found = std::find_if(statuses_.begin(), statuses_.end(),
                                  [&](const auto& each) { return each.first == id; });
  if (found != statuses_.end()) {
    found->second = text;
  } else {
    statuses_.emplace_front(id, text);
  }
}

/// Each look moves all jobs on by one step.
std::string NodemgrDouble::status(const std::string& id) {
  for (auto& walk : walks_) {
    if (walk.texts.empty()) continue;
    if (!walk.texts.front().empty()) set_status(walk.id, walk.texts.front());
    walk.texts.pop_front();
  }
  const auto found = std::find_if(statuses_.begin(), statuses_.end(),
                                  [&](const auto& each) { return each.first == id; });
  const auto text = found == statuses_.end() ? "none" : found->second;
  if (!manners_.is_later_version) return Json{{"job_id", id}, {"job_status", text}}.dump(1, '\t');
  const bool is_failure = text == "none" || text == manners_.failure;
  return Json{{"result", is_failure                   ? "error"
                         : text.ends_with(" succeed") ? "succeed"
                                                      : "busy"},
              {"info", text == "none" ? "job id no find" : text}}
      .dump(1, '\t');
}

/// No multipart parser: all is counted.
std::string NodemgrDouble::take_file(int peer, std::string read) {
  const auto boundary = line_behind(read, "boundary=");
  const auto length = line_behind(read, "\r\nContent-Length:");
  const auto header_end = read.find(blank_line);
  if (!boundary || !length || header_end == std::string::npos) return bad_request;
  const auto body = header_end + blank_line.size();
  if (body == read.size()) read += read_once(peer);
  if (read.size() > one_read) return bad_request;

  const auto parameters_at = read.find(blank_line, body);
  if (parameters_at == std::string::npos) return bad_request;
  const auto parameters_from = parameters_at + blank_line.size();
  const auto parameters = first_value(
      read.substr(parameters_from, read.find(line_end, parameters_from) - parameters_from));
  const auto name_at = read.find("filename=\"", parameters_from);
  if (name_at == std::string::npos) return bad_request;
  const auto name_from = name_at + std::string_view("filename=\"").size();
  const auto name = read.substr(name_from, read.find('"', name_from) - name_from);
  const auto file_at = read.find(blank_line, name_from);
  if (file_at == std::string::npos) return bad_request;
  const auto file_from = file_at + blank_line.size();

  const auto size = text::to_int(*length).value_or(0) -
                    static_cast<std::int64_t>(file_from - body) -
                    static_cast<std::int64_t>(boundary->size() + 8);
  if (size < 0) return bad_request;
  const auto wanted = static_cast<std::size_t>(size);
  auto content = read.substr(file_from);
  const auto all = wanted + boundary->size() + 8;
  while (content.size() < all) {
    const auto more = read_once(peer);
    if (more.empty()) return bad_request;
    content += more;
  }
  const auto* type = parameters.is_object() ? member(parameters, "file_type") : nullptr;
  auto area = type && type->is_string() ? type->get<std::string>() : "upload";
  if (area != "mysql" && area != "pgsql" && area != "cluster") area = "upload";
  std::filesystem::create_directories(folder_ / area);
  std::ofstream(folder_ / area / name, std::ios::binary) << content.substr(0, wanted);
  return received();
}

}  // namespace metactl::tests
