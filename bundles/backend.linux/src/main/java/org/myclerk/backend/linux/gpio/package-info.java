/** GPIO chips through the character device (uapi v2 of linux/gpio.h) and PWM through sysfs. */
package org.myclerk.backend.linux.gpio;
