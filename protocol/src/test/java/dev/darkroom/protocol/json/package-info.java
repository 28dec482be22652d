/// Tests of the descriptions of JSON values.
@NullMarked
package dev.darkroom.protocol.json;

import org.jspecify.annotations.NullMarked;
