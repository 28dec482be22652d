/// Names of topics and consumer groups.
@NullMarked
package dev.darkroom.protocol.topic;

import org.jspecify.annotations.NullMarked;
