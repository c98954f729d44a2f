/* Predict and update of constant velocity filters by positions: eight to a block, each quantity of
 * theirs in one vector. The formula is the core's: S = L D L', then channel by channel (Bierman 1977,
 * ch. V), the covariance in the short form P - K S K'. */

typedef double lanes __attribute__((vector_size(64), aligned(64)));

struct block {
    lanes state[6];
    lanes covariance[21]; /* the lower triangle, row by row */
};

#define AT(i, j) ((i) >= (j) ? (i) * ((i) + 1) / 2 + (j) : (j) * ((j) + 1) / 2 + (i))
#define INLINE static inline __attribute__((always_inline))

INLINE void predict(lanes *x, lanes *p, double dt, const double *density)
{
    for (int i = 0; i < 3; i++) {
        x[i] += dt * x[i + 3];
        for (int j = 0; j <= i; j++)
            p[AT(i, j)] += dt * (p[AT(i + 3, j)] + p[AT(j + 3, i)] + dt * p[AT(i + 3, j + 3)]);
    }
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            p[AT(i + 3, j)] += dt * p[AT(i + 3, j + 3)];
    for (int i = 0; i < 3; i++) {
        p[AT(i, i)] += density[i] * dt * dt * dt / 3.0;
        p[AT(i + 3, i)] += density[i] * dt * dt / 2.0;
        p[AT(i + 3, i + 3)] += density[i] * dt;
    }
}

INLINE void update(lanes *x, lanes *p, const double *measured, const double *noise)
{
    lanes error[3], gain[3][6], spread[3][3], per_variance[3];
    double columns[3][8] __attribute__((aligned(64)));
    for (int lane = 0; lane < 8; lane++)
        for (int k = 0; k < 3; k++)
            columns[k][lane] = measured[3 * lane + k];
    for (int k = 0; k < 3; k++) {
        error[k] = *(const lanes *)columns[k] - x[k];
        for (int i = 0; i < 6; i++)
            gain[k][i] = p[AT(i, k)];
        for (int j = 0; j <= k; j++)
            spread[k][j] = p[AT(k, j)] + noise[3 * k + j];
    }
    for (int k = 0; k < 3; k++) {
        per_variance[k] = 1.0 / spread[k][k];
        /* Take the channel out of those that follow. */
        for (int m = k + 1; m < 3; m++) {
            lanes share = spread[m][k] * per_variance[k];
            error[m] -= share * error[k];
            for (int i = 0; i < 6; i++)
                gain[m][i] -= share * gain[k][i];
            for (int j = k + 1; j <= m; j++)
                spread[m][j] -= share * spread[j][k];
        }
    }
    for (int i = 0; i < 6; i++) {
        for (int k = 0; k < 3; k++) {
            lanes weight = gain[k][i] * per_variance[k];
            x[i] += weight * error[k];
            for (int j = 0; j <= i; j++)
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
