# gnuplot -e "input='timeline.dat'; output_file='timeline.svg'" timeline.gnuplot
set terminal svg size 1000,500 font "sans-serif,14" background "white"
set output output_file
set title "One client searches, 500 puts a second arrive"
set xlabel "seconds"
set ylabel "milliseconds"
set y2label "queries a second"
set y2tics
set ytics nomirror
set logscale y
set grid
set key outside bottom center horizontal
stats input using 1 nooutput name "time"
stats input using 4 nooutput name "p99"
set xrange [0:time_max]
set boxwidth time_max / time_records absolute
top = p99_max > 0 ? p99_max * 1.5 : 1
set yrange [0.05:top]
set y2range [0:*]
set style fill solid 0.15 noborder
published = -1
is_new(n) = (was = published, published = n, was >= 0 && n > was)
plot input using 1:($5 > 0 ? top : NaN) with boxes linecolor "orange" title "compactor at work", \
     input using 1:(is_new($6) ? top : NaN) with impulses linewidth 1 linecolor "red" title "base published", \
     input using 1:2 axes x1y2 with lines linecolor "gray60" title "queries/s", \
     input using 1:($4 > 0 ? $4 : NaN) with lines linewidth 2 linecolor "dark-violet" title "p99", \
     input using 1:($3 > 0 ? $3 : NaN) with lines linewidth 2 linecolor "web-blue" title "p50"
