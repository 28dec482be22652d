/// Tests of the client's pure parts.
@NullMarked
package dev.darkroom.protocol.client;

import org.jspecify.annotations.NullMarked;
