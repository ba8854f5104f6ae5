/** The common ground of the drivers: system calls, what they leave in errno, structs, and sysfs. */
package org.myclerk.backend.linux.kernel;
