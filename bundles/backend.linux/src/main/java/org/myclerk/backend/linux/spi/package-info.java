/** SPI devices through spidev (linux/spi/spidev.h). */
package org.myclerk.backend.linux.spi;
