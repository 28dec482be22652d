/// Bytes on the wire to records and back: jobs as structured CloudEvents; events, commands and
/// worker status as binary CloudEvents; manifests as plain JSON. Every codec is stateless, usable
/// from any thread, and writes the same bytes for equal values.
@NullMarked
package dev.darkroom.protocol.codec;

import org.jspecify.annotations.NullMarked;
