// SPDX-License-Identifier: Apache-2.0
// An S3 store that verifies signatures: node server.js FOLDER BUCKET. Prints its port on 127.0.0.1.
// Its keys are S3RVER with secret S3RVER, "odd:key" with secret "a/b+c=:d %", OLDKEY with
// plain-s3-old and NEWKEY with plain-s3-new. As virtual hosts its buckets are BUCKET.s3.localhost.
'use strict';

const S3rver = require('@20minutes/s3rver');
const account = require('@20minutes/s3rver/lib/models/account');
const v4 = require('@20minutes/s3rver/lib/signature/v4');

const [directory, bucket] = process.argv.slice(2);

account.DUMMY_ACCOUNT.createKeyPair('odd:key', 'a/b+c=:d %');
account.DUMMY_ACCOUNT.createKeyPair('OLDKEY', 'plain-s3-old');
account.DUMMY_ACCOUNT.createKeyPair('NEWKEY', 'plain-s3-new');

// Version 4 signs the path that is sent, "/" for a bucket in the host name. This server puts the
// bucket in front of it, which was right for version 2.
const { getStringToSign } = v4;
v4.getStringToSign = (request, signature) => {
  const isVirtualHost = request.headers.host.includes('.s3.localhost');
  return getStringToSign({ ...request, uri: isVirtualHost ? '/' : request.uri }, signature);
};

new S3rver({
  directory,
  address: '127.0.0.1',
  port: 0,
  silent: true,
  serviceEndpoint: 'localhost',
  configureBuckets: [{ name: bucket, configs: [] }],
})
  .run()
  .then(({ port }) => console.log(port));
