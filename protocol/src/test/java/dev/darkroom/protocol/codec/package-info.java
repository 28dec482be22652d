/// Tests of the codecs.
@NullMarked
package dev.darkroom.protocol.codec;

import org.jspecify.annotations.NullMarked;
