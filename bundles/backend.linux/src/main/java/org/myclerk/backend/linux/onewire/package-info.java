/** 1-Wire buses through the kernel's w1 connector. */
package org.myclerk.backend.linux.onewire;
