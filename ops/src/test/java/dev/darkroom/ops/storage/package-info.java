/// The worker's object store against a real S3 endpoint.
@NullMarked
package dev.darkroom.ops.storage;

import org.jspecify.annotations.NullMarked;
