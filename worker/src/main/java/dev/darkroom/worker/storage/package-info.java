/// The object store: inputs in, artifacts out, and the manifest as commit point. The only package
/// that knows S3.
@NullMarked
package dev.darkroom.worker.storage;

import org.jspecify.annotations.NullMarked;
