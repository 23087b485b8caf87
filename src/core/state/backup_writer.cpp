// SPDX-License-Identifier: Apache-2.0
#include <google/protobuf/io/coded_stream.h>
#include <zstd.h>

#include "base/crypto.h"
#include "base/error.h"
#include "core/state/backup.h"
#include "core/state/backup_form.h"
#include "core/state/pages.h"

namespace metactl::core {
namespace {

/// Compresses what is added into one zstd frame, and knows the checksum of all it has handed on.
class Output {
 public:
  explicit Output(const api::Sink& sink) : sink_(sink) { pass_on(backup_line); }

  void add(const pb::BackupPart& part) {
    using Coded = google::protobuf::io::CodedOutputStream;
    const std::uint64_t size = part.ByteSizeLong();
    std::string bytes(Coded::VarintSize64(size), '\0');
    Coded::WriteVarint64ToArray(size, reinterpret_cast<std::uint8_t*>(bytes.data()));
    part.AppendToString(&bytes);
    compress(bytes, ZSTD_e_continue);
  }

  void finish() {
    compress("", ZSTD_e_end);
    sink_(hash_.finish());
  }

 private:
  void compress(std::string_view bytes, ZSTD_EndDirective directive) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (std::size_t left = 1; in.pos < in.size || (directive == ZSTD_e_end && left > 0);) {
      ZSTD_outBuffer out{block_.data(), block_.size(), 0};
      left = ZSTD_compressStream2(context_.get(), &out, &in, directive);
      if (ZSTD_isError(left))
        throw Error(Reason::internal,
                    std::string("cannot compress the backup: ") + ZSTD_getErrorName(left));
      pass_on(std::string_view(block_).substr(0, out.pos));
    }
  }

  void pass_on(std::string_view bytes) {
    if (bytes.empty()) return;
    hash_.add(bytes);
    sink_(bytes);
  }

  const api::Sink& sink_;
  crypto::Sha256 hash_;
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context_{ZSTD_createCCtx(), ZSTD_freeCCtx};
  std::string block_ = std::string(ZSTD_CStreamOutSize(), '\0');
};

}  // namespace

std::uint64_t write_backup(store::View& view, const pb::BackupHeader& header,
                           const api::Sink& sink) {
  Output output(sink);
  pb::BackupPart first;
  *first.mutable_header() = header;
  output.add(first);
  std::uint64_t rows = 0;
  each_row(view, [&](store::Pair& row) {
    pb::BackupPart part;
    part.mutable_row()->set_key(std::move(row.key));
    part.mutable_row()->set_value(std::move(row.value));
    output.add(part);
    ++rows;
  });
  pb::BackupPart last;
  last.mutable_end()->set_rows(rows);
  output.add(last);
  output.finish();
  return rows;
}

}  // namespace metactl::core
