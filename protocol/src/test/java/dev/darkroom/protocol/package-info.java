/// Tests of the module as a whole.
@NullMarked
package dev.darkroom.protocol;

import org.jspecify.annotations.NullMarked;
