/** I2C buses through i2c-dev (linux/i2c-dev.h). */
package org.myclerk.backend.linux.i2c;
