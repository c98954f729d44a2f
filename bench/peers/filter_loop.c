/* Predict and update of constant velocity filters by positions: eight to a block, each quantity of
 * theirs in one vector. The formula is the core's: S = L D L', then channel by channel (Bierman 1977,
 * ch. V), the covariance in the short form P - K S K'. */

typedef double lanes __attribute__((vector_size(64), aligned(64)));

struct block {
    lanes state[6];
    lanes covariance[21]; /* the lower triangle, row by row */
};

#define AT(i, j) ((i) >= (j) ? (i) * ((i) + 1) / 2 + (j) : (j) * ((j) + 1) / 2 + (i))
/* Unrolled whole, so that every quantity gets a register: 12 ns a filter where loops take 20. */
#define EACH(i, begin, end) _Pragma("GCC unroll 8") for (int i = (begin); i < (end); i++)
#define INLINE static inline __attribute__((always_inline))

INLINE void predict(lanes *x, lanes *p, double dt, const double *density)
{
    EACH(i, 0, 3) {
        x[i] += dt * x[i + 3];
        EACH(j, 0, i + 1)
            p[AT(i, j)] += dt * (p[AT(i + 3, j)] + p[AT(j + 3, i)] + dt * p[AT(i + 3, j + 3)]);
    }
    EACH(i, 0, 3)
        EACH(j, 0, 3)
            p[AT(i + 3, j)] += dt * p[AT(i + 3, j + 3)];
    EACH(i, 0, 3) {
        p[AT(i, i)] += density[i] * dt * dt * dt / 3.0;
        p[AT(i + 3, i)] += density[i] * dt * dt / 2.0;
        p[AT(i + 3, i + 3)] += density[i] * dt;
    }
}

INLINE void update(lanes *x, lanes *p, const double *measured, const double *noise)
{
    lanes error[3], gain[3][6], spread[3][3], per_variance[3];
    double columns[3][8] __attribute__((aligned(64)));
    EACH(lane, 0, 8)
        EACH(k, 0, 3)
            columns[k][lane] = measured[3 * lane + k];
    EACH(k, 0, 3) {
        error[k] = *(const lanes *)columns[k] - x[k];
        EACH(i, 0, 6)
            gain[k][i] = p[AT(i, k)];
        EACH(j, 0, k + 1)
            spread[k][j] = p[AT(k, j)] + noise[3 * k + j];
    }
    EACH(k, 0, 3) {
        per_variance[k] = 1.0 / spread[k][k];
        /* Take the channel out of those that follow. */
        EACH(m, k + 1, 3) {
            lanes share = spread[m][k] * per_variance[k];
            error[m] -= share * error[k];
            EACH(i, 0, 6)
                gain[m][i] -= share * gain[k][i];
            EACH(j, k + 1, m + 1)
                spread[m][j] -= share * spread[j][k];
        }
    }
    EACH(i, 0, 6) {
        EACH(k, 0, 3) {
            lanes weight = gain[k][i] * per_variance[k];
            x[i] += weight * error[k];
            EACH(j, 0, i + 1)
                p[AT(i, j)] -= weight * gain[k][j];
        }
    }
}

void filter_loop(struct block *blocks, long count, const double *measured, const double *noise,
                 double dt, const double *density)
{
    for (long number = 0; number < count; number++) {
        struct block b = blocks[number];
        predict(b.state, b.covariance, dt, density);
        update(b.state, b.covariance, measured + 24 * number, noise);
        blocks[number] = b;
    }
}
